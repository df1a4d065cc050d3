import { type ReactNode, useEffect, useRef } from 'react';

/** A view's heading. Whoever came by keyboard or listens begins here; the first view steals nothing. */
export function ViewHead({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Physiclaw`;
    if (document.activeElement?.closest('nav') !== null) heading.current?.focus();
  }, [title]);
  return (
    <div className="view-head">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
