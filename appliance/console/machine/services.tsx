import { Badge } from '../part/badge.tsx';
import type { Status } from '../door/reply.ts';

/** Each service, and whether it answers. */
export function Services({ status: { services } }: { status: Status }) {
  const names = Object.entries(services);
  const ready = names.filter(([, state]) => state === 'ready').length;
  return (
    <section aria-labelledby="services-title" className="panel">
      <h2 id="services-title">
        Services <span className="quiet">{`${ready} of ${names.length} ready`}</span>
      </h2>
      <ul className="services">
        {names.map(([name, state]) => (
          <li key={name}>
            <span>{name}</span>
            <Badge tone={state === 'ready' ? 'ok' : 'critical'}>{state}</Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}
