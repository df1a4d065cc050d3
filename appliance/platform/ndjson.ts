import { StringDecoder } from 'node:string_decoder';

/**
 * Splits bytes into the JSON values of their lines. The last line counts only with its line feed.
 *
 * @throws SyntaxError at a line that is no JSON, RangeError at one longer than `limit` characters.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  limit = 16_777_216,
): AsyncGenerator<unknown, void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const value: unknown = JSON.parse(line);
      yield value;
    }
    if (rest.length > limit) throw new RangeError(`a line is longer than ${limit} characters`);
  }
}
