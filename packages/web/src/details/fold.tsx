/** A part of the details that opens and closes under its heading. */
import { formatCount } from '@kubeshark/model';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';

export function Fold({
  title,
  count,
  note,
  actions,
  children,
}: {
  title: string;
  count?: number;
  note?: string | undefined;
  /** Controls at the end of the heading, while it is open. */
  actions?: ReactNode;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(true);
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <div className="fold">
      <div className="sub">
        <h3>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon className="ic" size={12} aria-hidden="true" />
            {title}
            {count !== undefined && <span className="count">{formatCount(count)}</span>}
          </button>
        </h3>
        {note !== undefined && <span className="dim ell">{note}</span>}
        <span className="grow" />
        {open && actions}
      </div>
      {open && children}
    </div>
  );
}
