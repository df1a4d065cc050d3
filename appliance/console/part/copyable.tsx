import { useState } from 'react';

const SHOWN_MS = 2000;

/** Text to be typed or compared elsewhere, exact to the character. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      window.setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      // Not every browser lends its clipboard: the text can still be selected.
      setCopied(false);
    }
  };
  return (
    <div className="copyable">
      <code>{text}</code>
      <button
        aria-label={`Copy ${label}`}
        className="button small"
        onClick={() => void copy()}
        type="button"
      >
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
