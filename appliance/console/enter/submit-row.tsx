import { Doing } from '../part/doing.tsx';

interface SubmitProps {
  readonly title: string;
  readonly doing: string | undefined;
  readonly isOff?: boolean;
}

/** A form's button, and what is being done, said to whoever listens. */
export function SubmitRow({ title, doing, isOff = false }: SubmitProps) {
  return (
    <div className="submit">
      <button
        aria-disabled={doing !== undefined}
        className="button primary"
        disabled={isOff}
        type="submit"
      >
        {title}
      </button>
      <Doing what={doing} />
    </div>
  );
}
