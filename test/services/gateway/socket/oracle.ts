import { ProtocolSchemas } from '@openclaw/gateway-protocol/schema';
import { z } from 'zod';

type Name = keyof typeof ProtocolSchemas;

/** What the published schemas of the protocol have against a value; nothing, where it is theirs. */
export function faultsOf(name: Name, value: unknown): string[] {
  // Through JSON, as it goes over the wire: what is undefined is not there.
  const published: z.core.JSONSchema.JSONSchema = JSON.parse(JSON.stringify(ProtocolSchemas[name]));
  const { error } = z.fromJSONSchema(published).safeParse(JSON.parse(JSON.stringify(value)));
  return error?.issues.map(({ path, message }) => `${name} ${path.join('.')}: ${message}`) ?? [];
}
