// First: it gives the order of the style layers that the parts fill.
import './theme/theme.css';
import './theme/parts.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { leaveWithOthers } from './connection/sign-out.ts';
import { takeToken } from './connection/token.ts';
import { ListModel } from './list/list-model.ts';
import { AddressBar } from './page/address-bar.ts';
import { startPreferences } from './page/preferences.ts';
import { Search } from './page/search.ts';
import { Traffic } from './traffic.ts';

startPreferences();
leaveWithOthers();

// The token leaves the address before anything else is done: no history and no screenshot keeps it.
const taken = takeToken(location.hash);
if (taken) history.replaceState(null, '', `${location.pathname}${location.search}${taken.rest}`);

const traffic = new Traffic();
const address = new AddressBar();
const search = new Search(address, traffic);
const list = new ListModel(traffic);
void traffic.start(taken?.token ?? null);

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App traffic={traffic} address={address} search={search} list={list} />
    </StrictMode>,
  );
