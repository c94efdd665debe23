import { useId } from 'react';

export function TextField({
  label,
  hint,
  example,
  value,
  error,
  onChange,
}: {
  label: string;
  hint: string;
  example: string;
  value: string;
  error: string | undefined;
  onChange(this: void, value: string): void;
}) {
  const id = useId();
  return (
    <div className="text-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        spellCheck={false}
        autoComplete="off"
        placeholder={example}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-hint`} className={error === undefined ? 'dim' : 'o-server_error'} role="status">
        {error ?? hint}
      </p>
    </div>
  );
}
