import type { ReactNode } from 'react';

/** A heading, why, and what mends it. */
export function Why({ title, lead, children }: { title: string; lead: ReactNode; children?: ReactNode }) {
  return (
    <div className="stage">
      <div className="why">
        <h1>{title}</h1>
        <p className="lead">{lead}</p>
        {children !== undefined && <div className="acts">{children}</div>}
      </div>
    </div>
  );
}
