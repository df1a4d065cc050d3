import { methods, visible } from '@physiclaw/contracts';
import { useCall } from '../door/use-call.ts';
import { shortName } from '../evidence/event-summary.ts';
import { useDesk } from '../frame/desk.ts';

/** A person by the name that he was enrolled with, for whoever may see it. */
export function PersonName({ person }: { person: string }) {
  const { session } = useDesk();
  if (person === session.person) return `${visible(session.name)} (you)`;
  return session.scopes.includes('admin') ? <Named person={person} /> : shortName(person);
}

function Named({ person }: { person: string }) {
  const { door } = useDesk();
  const { value } = useCall(door, ['enrolments', methods.enrolments, {}]);
  const known = value?.people.find((one) => one.person === person);
  return known ? `${visible(known.name)} (${shortName(person)})` : shortName(person);
}
