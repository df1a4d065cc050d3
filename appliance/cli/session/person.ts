import { userInfo } from 'node:os';

export interface Person {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user of this machine who types; under sudo whoever called it, since he is the one who types
 * the next command without it. The stack belongs to the same one.
 */
export function personOf(environment: NodeJS.ProcessEnv = process.env): Person {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const { SUDO_USER: name, SUDO_UID, SUDO_GID } = environment;
  if (uid !== 0 || name === undefined || SUDO_UID === undefined)
    return { name: nameOf(uid), uid, gid };
  return { name, uid: Number(SUDO_UID), gid: Number(SUDO_GID ?? SUDO_UID) };
}

/** In a container a user may have a number only. */
function nameOf(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}
