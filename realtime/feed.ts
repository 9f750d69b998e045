import { EventEmitter } from 'node:events';

/**
 * A server of a door's own. Libraries that serve sockets listen on the HTTP server they are given, each for every
 * upgrade and request, and end what they do not know: Socket.IO and @fastify/websocket each other's handshakes. Given
 * this instead, each hears of what the one dispatcher feeds it, and of nothing else.
 */
export class Feed extends EventEmitter {
  /** As a server has it. What is listened on is the dispatcher's to close. */
  close(done?: (error?: Error) => void): this {
    done?.();
    return this;
  }
}
