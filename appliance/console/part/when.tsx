/** A moment by this browser's clock and place; the exact one on hover. */
export function When({ at, withDate = false }: { at: number | string; withDate?: boolean }) {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { hour12: false });
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()}>
      {withDate ? `${date.toLocaleDateString()} ${time}` : time}
    </time>
  );
}
