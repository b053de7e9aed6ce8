#!/bin/sh
# Starts Valkey or Redis with one user, who may do what the service's sessions need on its own
# keys and channels: no scripts, no configuration, no other user's data. Only the password's hash
# is written. DATA is where it keeps its data, PORT where it listens.
set -eu
: "${REDIS_PASSWORD:?}"
umask 077
data=${DATA:-/data}
users=$(mktemp -d)/users.acl
hash=$(printf %s "$REDIS_PASSWORD" | sha256sum | cut -d ' ' -f 1)
unset REDIS_PASSWORD
cat > "$users" <<END
user default off
user frontdesk on #$hash resetkeys ~frontdesk:* resetchannels &frontdesk:* -@all +@read +@write +@transaction +@pubsub +@connection -@dangerous
END
server=$(command -v valkey-server || command -v redis-server)
exec "$server" --port "${PORT:-6379}" --aclfile "$users" --dir "$data" \
    --appendonly yes --appendfsync everysec --save "" --maxmemory-policy noeviction
