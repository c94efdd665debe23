/** The fin and the name. */
export function Brand() {
  return (
    <span className="brand">
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <path d="M2 14.5C4.8 8.4 8.6 4.3 14 2.5c-1.2 4-.6 8 2 12-4.6-1.4-9.2-1.4-14 0Z" fill="currentColor" />
      </svg>
      kubeshark
    </span>
  );
}
