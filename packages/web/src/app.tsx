import { Brand } from './components/brand.tsx';

/** The page. */
export function App() {
  return (
    <header className="topbar">
      <Brand />
    </header>
  );
}
