import type { Channel, ChannelEvents } from '../../platform/index.ts';

/** Two ends of a channel inside one process: frames are copied and arrive later, as over a socket. */
export function connectMemory(
  accept: (channel: Channel) => ChannelEvents,
  events: (channel: Channel) => ChannelEvents,
): Channel {
  let open = true;
  const sides: ChannelEvents[] = [];
  const close = (): void => {
    if (!open) return;
    open = false;
    setImmediate(() => {
      for (const side of sides) side.onClose();
    });
  };
  const end = (other: number): Channel => ({
    send: (frame) => {
      if (!open) return false;
      const copy: unknown = JSON.parse(JSON.stringify(frame));
      setImmediate(() => sides[other]?.onFrame(copy));
      return true;
    },
    close,
    destroy: close,
  });
  const far = end(1);
  const near = end(0);
  sides.push(accept(far), events(near));
  return near;
}
