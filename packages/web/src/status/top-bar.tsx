/** What is captured and from when, live or paused, and how the page looks. */
import { formatCount, type HubStatus } from '@kubeshark/model';
import { Clock, FileText, Keyboard, Monitor, Moon, Pause, Server, Sun } from 'lucide-react';
import { type RefObject, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { Brand } from '../components/brand.tsx';
import type { AddressBar } from '../page/address-bar.ts';
import { preferences } from '../page/preferences.ts';
import type { Traffic } from '../traffic.ts';
import { readFraction, sourceWords } from './capture-words.ts';
import { RangeSelect } from './range-select.tsx';
import { SignOutButton } from './sign-out-button.tsx';
import { nextTheme, type Theme } from './theme.ts';
import { TargetsButton, Views } from './views.tsx';

interface Props {
  traffic: Traffic;
  address: AddressBar;
  range: RefObject<HTMLSelectElement | null>;
  onHelp(this: void): void;
  onTargets(this: void): void;
}

export function TopBar({ traffic, address, range, onHelp, onTargets }: Props) {
  const { view, from, to } = useSyncExternalStore(address.subscribe, address.current);
  const status = useStore(traffic.state, (state) => state.status);
  const mode = status?.mode ?? 'live';
  const cluster = status?.cluster;
  const lost = useStore(traffic.state, (state) => state.lostAt !== null);
  // Range and pause are of the list.
  const listed = !cluster || view === 'traffic';
  return (
    <header className="topbar">
      <Brand />
      {cluster && <Views cluster={cluster} address={address} />}
      <span className="grow" />
      {cluster && (
        <TargetsButton
          cluster={cluster}
          lost={lost}
          restrictedTo={status.restrictedTo}
          onTargets={onTargets}
        />
      )}
      {status && !cluster && <Source status={status} />}
      {listed && (
        <span className="timerange">
          <Clock className="ic" size={14} aria-hidden />
          <RangeSelect
            ref={range}
            from={from}
            to={to}
            onRange={(begin, end) => address.go({ from: begin, to: end })}
            live={mode === 'live'}
          />
        </span>
      )}
      {listed && mode !== 'file' && <LiveSwitch traffic={traffic} />}
      <span className="vr" />
      <ThemeButton />
      <button
        type="button"
        className="btn icon ghost"
        aria-label="What the keys do"
        title="What the keys do (?)"
        onClick={onHelp}
      >
        <Keyboard className="ic" size={15} aria-hidden />
      </button>
      {cluster && <SignOutButton />}
    </header>
  );
}

function Source({ status }: { status: HubStatus }) {
  const words = sourceWords(status);
  const reading = readFraction(status);
  const Icon = status.mode === 'live' ? Server : FileText;
  return (
    <span className="source" title={`Captured: ${words}`}>
      <Icon className="ic" size={14} aria-hidden />
      <span className="ell">{words}</span>
      {reading !== null && (
        <>
          <progress aria-label="How far the files are read" max={1} value={reading} />
          <span className="num dim">{Math.floor(reading * 100)} %</span>
        </>
      )}
    </span>
  );
}

/** Pause stops rows, not counters. */
function LiveSwitch({ traffic }: { traffic: Traffic }) {
  const paused = useStore(traffic.state, (state) => state.paused);
  const waiting = useStore(traffic.state, (state) => state.waiting);
  const lost = useStore(traffic.state, (state) => state.lostAt !== null);
  return (
    <div className="seg" role="group" aria-label="Live">
      <button
        type="button"
        className={lost ? undefined : 'live'}
        aria-pressed={!paused}
        title={paused ? 'Go on (Space)' : lost ? 'The hub does not answer; it is tried again' : undefined}
        onClick={() => traffic.pause(false)}
      >
        <span className="pulse" />
        {lost ? 'Not live' : 'Live'}
      </button>
      <button
        type="button"
        aria-pressed={paused}
        title="Pause (Space)"
        onClick={() => traffic.pause(!paused)}
      >
        <Pause className="ic" size={13} aria-hidden />
        {paused ? <span className="num">Paused · {formatCount(waiting)} waiting</span> : 'Pause'}
      </button>
    </div>
  );
}

const THEMES: Record<Theme, typeof Sun> = { system: Monitor, light: Sun, dark: Moon };

function ThemeButton() {
  const theme = useStore(preferences, (state) => state.theme);
  const next = nextTheme(theme);
  const Icon = THEMES[theme];
  return (
    <button
      type="button"
      className="btn icon ghost"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}. Change to ${next}`}
      onClick={() => preferences.setState({ theme: next })}
    >
      <Icon className="ic" size={15} aria-hidden />
    </button>
  );
}
