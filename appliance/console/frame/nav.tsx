import { useView, views } from './view.ts';

/** The way from view to view; the number is of requests that wait. */
export function Nav({ pending }: { pending: number }) {
  const current = useView();
  return (
    <nav aria-label="Views" className="nav">
      {views.map(({ id, title }) => (
        <a aria-current={id === current ? 'page' : undefined} href={`#${id}`} key={id}>
          {title}
          {id === 'approvals' && pending > 0 && (
            <span className="count">
              {pending}
              <span className="unseen"> waiting</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
