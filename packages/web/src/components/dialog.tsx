/** A modal dialog: Esc and its button close it. */
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';

interface Props {
  title: string;
  className?: string;
  /** A click beside it closes it too: nothing in it could be lost. */
  light?: boolean;
  onClose(this: void): void;
  children: ReactNode;
}

export function Dialog({ title, className = '', light = false, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Not its first control: that closes it.
    element?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      className={`dialog ${className}`}
      aria-labelledby={id}
      onCancel={onClose}
      // The dialog itself is hit only beside its content: on the backdrop.
      onClick={(event) => light && event.target === dialog.current && onClose()}
    >
      <div className="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <button
            type="button"
            className="btn icon ghost"
            aria-label="Close (Esc)"
            title="Close (Esc)"
            onClick={onClose}
          >
            <X className="ic" size={14} aria-hidden />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
