"""The sandbox's own paths, apart from TaskRouter's: `/_sandbox/...`, a module each; `registry` puts them together."""
