# Run by the image of PostgreSQL when it makes the database: the logins, with the passwords that secrets.sh made.
set -eu
POSTGRES_SERVER_PASSWORD=$(cat /run/secrets/database/server)
POSTGRES_LINE_PASSWORD=$(cat /run/secrets/database/line)
export POSTGRES_SERVER_PASSWORD POSTGRES_LINE_PASSWORD
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file /roles.sql
unset POSTGRES_SERVER_PASSWORD POSTGRES_LINE_PASSWORD
