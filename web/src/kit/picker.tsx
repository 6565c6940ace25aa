import { useRef, useState } from 'react';
import { holding } from './hooks.ts';
import { Fetched, useFetched } from './late.tsx';
import { PickerButton, type PickerGroup, type PickerProps, TYPED } from './picker-button.tsx';

export { type PickerGroup, TYPED };

const pickerLate = new Fetched(() => import('./picker-late.tsx').then((part) => part.PickerLate));

/**
 * One or several of many, found by typing: a button that shows what is chosen and opens a list in groups. The list is
 * fetched after the page is shown; an early click and the focus are kept.
 */
export function Picker(props: PickerProps) {
  const [early, setEarly] = useState(false);
  const held = useRef(false);
  const PickerLate = useFetched(pickerLate);
  if (PickerLate) return <PickerLate {...props} open={early} held={held} />;
  return <PickerButton of={props} onClick={() => setEarly(true)} {...holding(held)} />;
}
