#!/usr/bin/env bash
# Makes the passwords and keys that only this deployment's own containers use. What is there already stays as it is:
# another Fernet key could not read what the old one has encrypted.
set -euo pipefail
folder=${1:-"$(dirname "$0")/secrets"}

# The folder is closed and the files are readable: Docker mounts a file with the host's permissions, and each container
# runs as another user.
mkdir -p "$folder"
chmod 700 "$folder"

# No line break at the end: Airflow takes the whole output of `cat` for the value.
write_once() {
    [[ -s $folder/$1 ]] || printf '%s' "$2" > "$folder/$1"
    chmod 644 "$folder/$1"
}

random_hex() { openssl rand -hex 32; }

write_once postgres_password "$(random_hex)"
write_once sql_alchemy_conn "postgresql+psycopg2://airflow:$(cat "$folder/postgres_password")@postgres:5432/airflow"
write_once fernet_key "$(openssl rand -base64 32 | tr '+/' '-_')"
write_once jwt_secret "$(random_hex)"
write_once api_secret_key "$(random_hex)"
echo "$folder: postgres_password sql_alchemy_conn fernet_key jwt_secret api_secret_key"
