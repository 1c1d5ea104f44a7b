using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Groups are there.</summary>
internal sealed class GroupWork(StepContext context) : StepWork(context)
{
    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var script = new StringBuilder("""
            group() { # index name id
                g=$(getent group "$2") || { echo "$1 missing"; return; }
                g=${g#*:*:}; [ -z "$3" ] || [ "${g%%:*}" = "$3" ] || echo "$1 id"
            }

            """);
        for (int i = 0; i < Step.Groups.Count; i++) FileWork.Add(script, "group", [i.ToString(CultureInfo.InvariantCulture), Step.Groups[i].Name, Number(Step.Groups[i].Id)]);
        return Differences.Read((await Context.ScriptAsync(script.Append("echo end\n").ToString(), cancellationToken).ConfigureAwait(false)).Lines, Step.Groups.Count,
            (index, what) => $"{Step.Groups[index].Name}: " + (what == "missing" ? "made" : $"number {Step.Groups[index].Id}"));
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var script = new StringBuilder("""
            group() { # name id system
                if getent group "$1" >/dev/null; then [ -z "$2" ] || [ "$(getent group "$1" | cut -d: -f3)" = "$2" ] || groupmod -g "$2" "$1" || exit
                else groupadd ${3:+-r} ${2:+-g "$2"} "$1" || exit; fi
            }

            """);
        foreach (var group in Step.Groups) FileWork.Add(script, "group", [group.Name, Number(group.Id), group.System ? "1" : ""]);
        await Context.ScriptAsync(script.ToString(), cancellationToken).ConfigureAwait(false);
        return "";
    }

    public static string Number(long? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Users are there, with what the plan says of them. Hashes of passwords go over standard input.</summary>
internal sealed class UserWork(StepContext context) : StepWork(context)
{
    private const string Compare = """
        user() { # index name id group home shell comment
            p=$(getent passwd "$2") || { echo "$1 missing"; return; }
            [ -z "$3" ] || [ "$(printf %s "$p" | cut -d: -f3)" = "$3" ] || echo "$1 number $3"
            [ -z "$4" ] || [ "$(id -gn "$2")" = "$4" ] || echo "$1 main group $4"
            [ -z "$5" ] || [ "$(printf %s "$p" | cut -d: -f6)" = "$5" ] || echo "$1 home $5"
            [ -z "$6" ] || [ "$(printf %s "$p" | cut -d: -f7)" = "$6" ] || echo "$1 shell $6"
            [ -z "$7" ] || [ "$(printf %s "$p" | cut -d: -f5)" = "$7" ] || echo "$1 comment"
        }
        member() { # index name group
            getent passwd "$2" >/dev/null || return; id -Gn "$2" | tr ' ' '\n' | grep -qxF -- "$3" || echo "$1 in group $3"
        }
        hash() { # index name; the hash is on standard input
            IFS= read -r h; getent passwd "$2" >/dev/null || return; [ "$(getent shadow "$2" | cut -d: -f2)" = "$h" ] || echo "$1 password"
        }
        key() { # index name key
            h=$(getent passwd "$2" | cut -d: -f6); [ -n "$h" ] || return; grep -qxF -- "$3" "$h/.ssh/authorized_keys" 2>/dev/null || echo "$1 authorized key"
        }

        """;

    private const string Make = """
        umask 077
        user() { # name id group home shell comment system
            if getent passwd "$1" >/dev/null; then
                u=$(id -u "$1"); p=$(getent passwd "$1")
                [ -z "$2" ] || [ "$u" = "$2" ] || usermod -u "$2" "$1" || exit
                [ -z "$3" ] || [ "$(id -gn "$1")" = "$3" ] || usermod -g "$3" "$1" || exit
                [ -z "$4" ] || [ "$(printf %s "$p" | cut -d: -f6)" = "$4" ] || usermod -d "$4" "$1" || exit
                [ -z "$5" ] || [ "$(printf %s "$p" | cut -d: -f7)" = "$5" ] || usermod -s "$5" "$1" || exit
                [ -z "$6" ] || [ "$(printf %s "$p" | cut -d: -f5)" = "$6" ] || usermod -c "$6" "$1" || exit
            else
                if [ -n "$7" ]; then m=-M; else m=-m; fi
                if [ -z "$3" ] && getent group "$1" >/dev/null; then set -- "$1" "$2" "$1" "$4" "$5" "$6" "$7"; fi
                useradd "$m" ${7:+-r} ${2:+-u "$2"} ${3:+-g "$3"} ${4:+-d "$4"} ${5:+-s "$5"} ${6:+-c "$6"} "$1" || exit
            fi
        }
        member() { usermod -a -G "$2" "$1" || exit; }
        hash() { IFS= read -r h; printf '%s:%s\n' "$1" "$h" | chpasswd -e || exit; }
        key() { # name key
            h=$(getent passwd "$1" | cut -d: -f6); g=$(id -gn "$1"); [ -n "$h" ] || exit
            # A system's user has no home yet, which sshd enters as that user.
            [ -d "$h" ] || { (umask 022; mkdir -p -- "$h") && chown -- "$1:$g" "$h"; } || exit
            [ -d "$h/.ssh" ] || { mkdir -- "$h/.ssh" && chown -- "$1:$g" "$h/.ssh"; } || exit
            grep -qxF -- "$2" "$h/.ssh/authorized_keys" 2>/dev/null && return
            printf '%s\n' "$2" >>"$h/.ssh/authorized_keys" && chown -- "$1:$g" "$h/.ssh/authorized_keys" || exit
        }

        """;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Compare);
        for (int i = 0; i < Step.Users.Count; i++)
        {
            var user = Step.Users[i];
            string index = i.ToString(CultureInfo.InvariantCulture);
            FileWork.Add(script, "user", [index, user.Name, GroupWork.Number(user.Id), user.Group ?? "", user.Home ?? "", user.Shell ?? "", user.Comment ?? ""]);
            foreach (string group in user.Groups) FileWork.Add(script, "member", [index, user.Name, group]);
            if (user.PasswordHash is { } hash) await AddHashAsync(script, [index, user.Name], hash, cancellationToken).ConfigureAwait(false);
            foreach (string key in user.AuthorizedKeys) FileWork.Add(script, "key", [index, user.Name, key]);
        }

        return Differences.Read((await Context.ScriptAsync(script.Append("echo end\n").ToString(), cancellationToken).ConfigureAwait(false)).Lines, Step.Users.Count,
            (index, what) => $"{Step.Users[index].Name}: " + (what == "missing" ? "made" : what));
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Make);
        foreach (var user in Step.Users)
        {
            FileWork.Add(script, "user", [user.Name, GroupWork.Number(user.Id), user.Group ?? "", user.Home ?? "", user.Shell ?? "", user.Comment ?? "", user.System ? "1" : ""]);
            foreach (string group in user.Groups) FileWork.Add(script, "member", [user.Name, group]);
            if (user.PasswordHash is { } hash) await AddHashAsync(script, [user.Name], hash, cancellationToken).ConfigureAwait(false);
            foreach (string key in user.AuthorizedKeys) FileWork.Add(script, "key", [user.Name, key]);
        }

        await Context.ScriptAsync(script.ToString(), cancellationToken).ConfigureAwait(false);
        return "";
    }

    /// <summary>The hash stands in a here-document of a script that comes over standard input: in no argument and no file.</summary>
    private async Task AddHashAsync(StringBuilder script, IEnumerable<string> words, SecretReference reference, CancellationToken cancellationToken)
    {
        using var secret = await Context.Access.SourceOf(reference).ResolveAsync(cancellationToken).ConfigureAwait(false);
        byte[] bytes = secret.Bytes.ToArray();
        string hash = Encoding.UTF8.GetString(bytes).Trim();
        CryptographicOperations.ZeroMemory(bytes);
        if (hash.Any(char.IsControl) || hash.Contains(':')) throw RecoveryErrors.JobFailed(0, "the password's hash is none");
        script.Append("hash ").Append(ShellQuote.Words(words)).Append(" <<'END OF HASH' || exit\n").Append(hash).Append("\nEND OF HASH\n");
    }
}
