import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api } from '../api.ts';
import { forgetRecent } from './recent.ts';

/** Ends the session and forgets what this page knows. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return async () => {
    await api.signOut().catch(() => undefined);
    forgetRecent();
    queries.clear();
    navigate('/sign-in');
  };
}
