/** Filters applied before: a menu, the newest first. */
import { History } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { FilterText } from './filter-text.tsx';
import { pastFilters } from './past-filters.ts';

export function PastFilters({
  open,
  onOpen,
  onPick,
  onClosed,
}: {
  open: boolean;
  onOpen: (open: boolean) => void;
  onPick: (filter: string) => void;
  /** The focus is free again. */
  onClosed: () => void;
}) {
  return (
    <DropdownMenu.Root open={open} onOpenChange={onOpen} modal={false}>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="tog" title="History (Alt+↑)" aria-label="History">
          <History className="ic" size={14} aria-hidden="true" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="pop past-filters"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
        >
          <Items onPick={onPick} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Read when the menu opens. */
function Items({ onPick }: { onPick: (filter: string) => void }) {
  const past = pastFilters();
  if (past.length === 0)
    return (
      <DropdownMenu.Item className="past-none" disabled>
        No filter was applied in this browser yet.
      </DropdownMenu.Item>
    );
  return past.map((text) => (
    <DropdownMenu.Item key={text} className="past-filter" title={text} onSelect={() => onPick(text)}>
      <FilterText text={text} />
    </DropdownMenu.Item>
  ));
}
