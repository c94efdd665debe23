/** A link to another view of the page: a click changes the address bar, and it opens in another tab like any link. */
import { type ReactNode, useSyncExternalStore } from 'react';
import { type Address, formatAddress } from '../address.ts';
import type { AddressBar } from '../page/address-bar.ts';

export function ViewLink({
  address,
  to,
  current = false,
  className,
  title,
  children,
}: {
  address: AddressBar;
  to: Partial<Address>;
  current?: boolean;
  className?: string;
  title?: string | undefined;
  children: ReactNode;
}) {
  const shown = useSyncExternalStore(address.subscribe, address.current);
  return (
    <a
      href={`${location.pathname}${formatAddress({ ...shown, ...to })}`}
      className={className}
      title={title}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        address.go(to);
      }}
    >
      {children}
    </a>
  );
}
