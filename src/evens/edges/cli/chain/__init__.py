"""The command that runs the chain's signer."""
