import { describe, expect, test } from 'vitest';
import { codeOf, errorsOf } from '@physiclaw/platform';

class HouseError extends errorsOf({ HOUSE_LOCKED: 403 }) {
  override name = 'HouseError';
}

describe('demand', () => {
  test('says nothing where what it demands holds', () => {
    expect(() => HouseError.demand(true, 'HOUSE_LOCKED', 'no key')).not.toThrow();
  });

  test('throws the error of its class otherwise', () => {
    const locked = { name: 'HouseError', code: 'HOUSE_LOCKED', statusCode: 403, message: 'no key' };
    expect(() => HouseError.demand(false, 'HOUSE_LOCKED', 'no key')).toThrow(
      expect.objectContaining(locked),
    );
  });
});

describe('attempt', () => {
  test('returns what the work returns', () => {
    expect(HouseError.attempt('HOUSE_LOCKED', () => 7)).toBe(7);
  });

  test('gives what was thrown this code, its own words, and keeps it as the cause', () => {
    const error = refusal(() => HouseError.attempt('HOUSE_LOCKED', fail));

    expect(codeOf(error)).toBe('HOUSE_LOCKED');
    expect(error).toMatchObject({ message: 'the key broke', cause: expect.any(TypeError) });
  });

  test('says other words where it is given some', () => {
    const error = refusal(() => HouseError.attempt('HOUSE_LOCKED', fail, 'no way in'));

    expect(error).toMatchObject({ message: 'no way in', cause: { message: 'the key broke' } });
  });
});

function fail(): never {
  throw new TypeError('the key broke');
}

function refusal(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
