# Makes every secret of ../../compose.yaml, once, each in the volume of whoever needs it and readable by nobody else:
# the database's passwords, the house's secret and the line provider's key. Runs as root, to give the files away.
set -eu
umask 077
cd /secrets
POSTGRES=999
EVENS=10001

# Written last, so that whatever was cut short is made anew, all of it, before anything has used it.
if [ -e database/made ]; then exit 0; fi

random() { od -An -N32 -v -tx1 /dev/urandom | tr -d ' \n'; }

# put FILE OWNER MODE TEXT
put() {
    printf '%s\n' "$4" >"$1.new"
    chmod "$3" "$1.new"
    chown "$2:$2" "$1.new"
    mv "$1.new" "$1"
}

owner=$(random)
server=$(random)
line=$(random)
key="evl_$(random)"

put owner/passwords "$EVENS" 0400 "postgres:5432:evens:evens:$owner"
put house/passwords "$EVENS" 0400 "postgres:5432:evens:evens_server:$server"
put house/secret "$EVENS" 0600 "$(random)"
put house/line-provider.key "$EVENS" 0400 "$key"
put line/passwords "$EVENS" 0400 "postgres:5432:line_provider:line_provider_owner:$line"
put line/line-provider.key "$EVENS" 0600 "$key"
put database/owner "$POSTGRES" 0400 "$owner"
put database/server "$POSTGRES" 0400 "$server"
put database/line "$POSTGRES" 0400 "$line"
chown "$EVENS:$EVENS" owner house line
chmod 0700 owner house line
put database/made "$POSTGRES" 0400 "Made by deploy/compose/secrets.sh."
chown "$POSTGRES:$POSTGRES" database
chmod 0700 database
