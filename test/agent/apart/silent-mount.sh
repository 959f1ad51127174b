# Mounts a FUSE file system whose server never answers, in a mount namespace of its own, and runs a
# command, with stdout its alone. The end of its own stdin ends the server: the connection is then aborted.
# Use: unshare --mount sh silent-mount.sh FOLDER COMMAND…
folder=$1
shift
mount --make-rprivate /
exec 3<>/dev/fuse
mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 silent "$folder" || exit 99
"$@" 3<&- </dev/null &
command=$!
exec >&-
read -r _
exec 3<&-
wait "$command"
