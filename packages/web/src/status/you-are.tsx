/** Under which names the cluster gives rights to the reader: whoever gives them must know. */
import type { User } from '@kubeshark/model';
import { useEffect, useState } from 'react';
import { fetchUser } from '../connection/api.ts';

export function YouAre() {
  const [user, setUser] = useState<User | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    fetchUser(abort.signal).then(setUser, () => {
      // Left out: what is around it holds all the same.
    });
    return () => abort.abort();
  }, []);
  if (user === null) return null;
  const groups = new Intl.ListFormat('en-GB').format(user.groups);
  return (
    <>
      {' '}
      The cluster knows you as <code className="i">{user.name}</code>
      {groups !== '' && `, in the ${user.groups.length === 1 ? 'group' : 'groups'} ${groups}`}.
    </>
  );
}
