"""The live stream: what happens, told over WebSockets to whoever subscribes, a moment after it is committed."""
