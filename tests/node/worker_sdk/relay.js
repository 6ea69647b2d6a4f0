// A TCP relay before the sandbox, that can be cut as a network is.

const net = require("node:net");

class Relay {
  /** A relay to a URL's host and port; `url` is the same URL through it. */
  static async to(url) {
    const relay = new Relay();
    const { hostname, port } = new URL(url);
    relay.sockets = new Set();
    relay.server = net.createServer((near) => relay.join(near, net.connect(Number(port), hostname)));
    await new Promise((resolve) => relay.server.listen(0, "127.0.0.1", resolve));
    relay.url = url.replace(`:${port}`, `:${relay.server.address().port}`);
    return relay;
  }

  join(near, far) {
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on("error", () => {}).on("close", () => this.sockets.delete(socket));
    }
  }

  /** Ends every connection at once, without a word. */
  cut() {
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }

  close() {
    this.cut();
    this.server.close();
  }
}

module.exports = { Relay };
