import { type UseMutationOptions, useMutation } from '@tanstack/react-query';
import { useRef } from 'react';

/**
 * A mutation that runs once at a time: what is pressed while one is under way does nothing. That a mutation `isPending`
 * is known only after the page was drawn anew, and a second press may come before.
 */
export function useOneAtATime<Data, Variables>(options: UseMutationOptions<Data, Error, Variables>) {
  const mutation = useMutation(options);
  const underWay = useRef(false);
  const mutate = (variables: Variables) => {
    if (underWay.current) return;
    underWay.current = true;
    const end = () => {
      underWay.current = false;
    };
    // What went wrong is in `error`.
    mutation.mutateAsync(variables).then(end, end);
  };
  return {
    ...mutation,
    mutate,
    /** The last once more, as it was. */
    again: () => mutation.variables !== undefined && mutate(mutation.variables),
  };
}
