import type { Intent } from '@physiclaw/contracts';
import { demand } from '../errors.ts';
import type { Workspaces } from '../workspace/workspaces.ts';
import type { Fold } from './fold.ts';

/**
 * The session began in the log and here, and the tree is the state that its workspace is in.
 * Answers with the key that the session's start entry names.
 */
export function checkSession(intent: Intent, fold: Fold, workspaces: Workspaces): string {
  const { session, tree } = intent;
  const begun = fold.session(session);
  demand(begun !== undefined, 'TOOLS_SESSION_UNKNOWN', `the log has no start of ${session}`);
  const head = workspaces.head(session);
  const ours = workspaces.chained(session, tree) && workspaces.chained(session, begun.tree);
  demand(ours, 'TOOLS_TREE_FOREIGN', `${tree} is no tree of ${session}`);
  demand(tree === head, 'TOOLS_TREE_STALE', `expected the tree ${head}, got ${tree}`);
  return begun.did;
}
