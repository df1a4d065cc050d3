/** What is being done now, said to whoever listens as it changes. */
export function Doing({ what }: { what: string | undefined }) {
  return (
    <output className="doing">
      {what !== undefined && (
        <>
          <span aria-hidden="true" className="spinner" />
          {what}
        </>
      )}
    </output>
  );
}
