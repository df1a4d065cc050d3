/** How a person calls himself; whoever endorses or approves reads it. */
export function NameField({ name, onName }: { name: string; onName: (name: string) => void }) {
  return (
    <label className="field">
      Your name
      <input
        autoComplete="name"
        maxLength={64}
        onChange={(event) => onName(event.target.value)}
        required
        value={name}
      />
    </label>
  );
}
