"""The live stream: clients subscribe to markets and accounts over a WebSocket and receive every committed change."""
