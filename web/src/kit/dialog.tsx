import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

/** Over the page, for what is looked at for a moment only; details of things open in a side panel. */
export function Dialog({
  open,
  onClose,
  title,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}) {
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={title}
      radius={12}
      size={640}
      yOffset="10vh"
      attributes={{ content: { 'data-kit-modal': true } }}
      styles={{ title: { fontWeight: 600, fontSize: '1rem' } }}
      transitionProps={{ duration: 120 }}
      overlayProps={{ color: 'var(--veil)', backgroundOpacity: 1 }}
      closeButtonProps={{ 'aria-label': title }}
    >
      {children}
    </Modal>
  );
}
