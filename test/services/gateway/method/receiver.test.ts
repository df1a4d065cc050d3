import { policy, type Scope, siem, SpiffeId } from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { Desk } from '#services/gateway/desk/desk.ts';
import { seatReceiver } from '#services/gateway/method/receiver.ts';
import { TestLog } from '#test/services/tools/log.ts';
import { choose, receiverAt } from '#test/services/siem/choice/choose.ts';

const person = SpiffeId.parse('spiffe://test.internal/user/p-1');
const signer = signerFromSeed(generateSeed());
const receiver = receiverAt('relp://192.0.2.9:2514');
const signed = signStatement(
  {
    type: 'physiclaw/receiver/v1',
    log: 'test.internal/log+00000000+AA==',
    receiver,
    key: signer.did,
  },
  signer,
);
const receipt = choose(new TestLog(), receiver);

/** A person names a receiver; what was asked of whom, in order. */
function name(refusals: Readonly<Record<string, string>> = {}, scope: Scope = 'admin') {
  const asked: [string, unknown][] = [];
  const peer: Pick<Peer, 'ask'> = {
    ask: async (call, question) => {
      asked.push([call.name, question]);
      const code = refusals[call.name];
      await Promise.resolve();
      if (code !== undefined) throw new ApplianceError(code, 409, code);
      return call.reply.parse(call.name === policy.calls.nameReceiver.name ? { receipt } : {});
    },
  };
  const desk = new Desk();
  seatReceiver(desk, { policy: peer, ...(!('siem' in refusals) && { siem: peer }) });
  const caller = { person, scopes: new Set([scope]), until: 1e9 };
  const { signal } = new AbortController();
  const reply = new Promise((done) => done(desk.run('setReceiver', signed, caller, signal)));
  return { asked, reply };
}

test('siem is asked first, and told what the log says of it', async () => {
  const { asked, reply } = name();

  expect(await reply).toEqual({ receipt });
  expect(asked).toEqual([
    [siem.calls.checkReceiver.name, { receiver }],
    [policy.calls.nameReceiver.name, signed],
    [siem.calls.setReceiver.name, { receipt }],
  ]);
});

test.each([
  ['siem cannot take', { checkReceiver: 'SIEM_RECEIVER_FIXED' }, 'SIEM_RECEIVER_FIXED', 1],
  ['policy refuses', { nameReceiver: 'POLICY_KEY_UNKNOWN' }, 'POLICY_KEY_UNKNOWN', 2],
  ['siem then cannot take', { setReceiver: 'DISK_FULL' }, 'DISK_FULL', 3],
  ['nobody would export', { siem: 'absent' }, 'GATEWAY_SIEM_ABSENT', 0],
])('what %s goes no further', async (_, refusals, code, calls) => {
  const { asked, reply } = name(refusals);

  await expect(reply).rejects.toMatchObject({ code });
  expect(asked).toHaveLength(calls);
});

test('who may only operate names nobody', async () => {
  const { asked, reply } = name({}, 'operate');

  await expect(reply).rejects.toMatchObject({ code: 'GATEWAY_SCOPE_MISSING' });
  expect(asked).toEqual([]);
});
