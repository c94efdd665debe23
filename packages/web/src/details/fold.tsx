/** A part of the details that opens and closes under its heading. */
import { formatCount } from '@kubeshark/model';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Captured } from '../components/captured.tsx';

export function Fold({
  title,
  count,
  note,
  folded = false,
  summary,
  onFold,
  actions,
  children,
}: {
  title: string;
  count?: number;
  note?: string | undefined;
  /** How it begins. */
  folded?: boolean;
  /** Stands for the content while it is closed. */
  summary?: string;
  /** The reader has closed or opened it. */
  onFold?: (folded: boolean) => void;
  /** Controls at the end of the heading, while it is open. */
  actions?: ReactNode;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(!folded);
  const Icon = open ? ChevronDown : ChevronRight;
  const toggle = () => {
    setOpen(!open);
    onFold?.(open);
  };
  return (
    <div className={open ? 'fold' : 'fold closed'}>
      <div className="sub">
        <h3>
          <button type="button" aria-expanded={open} onClick={toggle}>
            <Icon className="ic" size={12} aria-hidden="true" />
            {title}
            {count !== undefined && <span className="count">{formatCount(count)}</span>}
          </button>
        </h3>
        {note !== undefined && <span className="dim ell">{note}</span>}
        {!open && summary !== undefined && (
          <span className="dim ell">
            <Captured text={summary} />
          </span>
        )}
        <span className="grow" />
        {open && actions}
      </div>
      {open && children}
    </div>
  );
}
