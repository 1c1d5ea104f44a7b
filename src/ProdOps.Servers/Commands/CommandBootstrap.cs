using System.Security.Cryptography;

namespace ProdOps.Servers.Commands;

/// <summary>
/// The command line that an SSH server gives to the user's login shell for a command. The login shell may be any (fish and csh included) and
/// its start-up files may print; so it only replaces itself by <c>/bin/sh</c>, which prints a random marker, on both streams, before the
/// command begins. What comes before the markers is dropped. The line on standard output also tells the shell's process id, which is its
/// process group's: sshd starts each command in a session of its own, and everything down to the command is <c>exec</c>.
/// </summary>
/// <remarks>
/// What stands in single quotes here has no backslash before a quote, no newline and no <c>!</c> that csh would look up. A command can hold
/// all of these; it travels as an argument only where the login shell is known to quote as POSIX does, and otherwise, or when it is longer
/// than the kernel takes (128 KiB), over standard input after the marker. The marker is written with a gap, since a shell that traces
/// (<c>set -x</c>) prints the line itself.
/// </remarks>
internal sealed class CommandBootstrap
{
    /// <summary>Past this, a command goes over standard input. Linux takes 128 KiB an argument, and quoting can make four characters of one.</summary>
    private const int MaximumArgument = 24 * 1024;

    /// <summary>Past this, it is not handed to another shell as an argument even there.</summary>
    private const int MaximumScriptArgument = 96 * 1024;

    private const string Run = "exec /bin/sh -c \"$1\" sh";

    private static readonly string[] PosixShells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "ksh93", "mksh", "yash", "busybox", "rbash"];

    private CommandBootstrap(string random, string line, string? input, bool maySudoAsk)
    {
        Marker = $"prodops-{random}";
        OuterMarker = $"outer-{random}";
        MissingMarker = $"missing-{random}";
        Prompt = maySudoAsk ? $"password-{random}:" : null;
        Line = line;
        Input = input;
    }

    /// <summary>What the shell prints when it begins.</summary>
    public string Marker { get; }

    /// <summary>What is printed before sudo runs, followed by the outer shell's process id.</summary>
    public string OuterMarker { get; }

    /// <summary>What is printed on standard error when there is neither sudo nor doas.</summary>
    public string MissingMarker { get; }

    /// <summary>The command line.</summary>
    public string Line { get; }

    /// <summary>What to send on standard input after the marker, before the command's own input.</summary>
    public string? Input { get; }

    /// <summary>What sudo asks with when it wants the password; <see langword="null"/> when it must not ask.</summary>
    public string? Prompt { get; }

    /// <summary>True for login shells that read single quotes as POSIX says.</summary>
    /// <param name="path">The shell's path; empty for one that is not known.</param>
    public static bool QuotesAsPosix(string path) => Array.IndexOf(PosixShells, path[(path.LastIndexOf('/') + 1)..]) >= 0;

    /// <summary>Makes the line of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="posixLoginShell">Whether the login shell is known to quote as POSIX does.</param>
    /// <param name="hasSudoPassword">Whether there is a password for sudo to ask for.</param>
    public static CommandBootstrap Create(ServerCommand command, bool posixLoginShell, bool hasSudoPassword)
    {
        if (command.Text.Contains('\0')) throw new ArgumentException("A command cannot hold a NUL character.", nameof(command));
        string random = RandomNumberGenerator.GetHexString(32, lowercase: true);
        string gapped = $"{random.AsSpan(0, 16)}\"\"{random.AsSpan(16)}";
        bool byArgument = posixLoginShell && command.Text.Length <= MaximumArgument;
        string inner = Inner(random, gapped, command, byArgument);
        IEnumerable<string> words = ["sh", .. byArgument ? [command.Text] : Array.Empty<string>()];
        bool maySudoAsk = command.AsRoot && hasSudoPassword;
        string start = command.AsRoot ? $"{Quote(Outer(gapped, maySudoAsk))} sh {Quote(inner)}" : Quote(inner);
        string line = $"exec /bin/sh -c {start} {ShellQuote.Words(words)}";
        return new CommandBootstrap(random, line, byArgument ? null : $"{command.Text}\nend-{random}\n", maySudoAsk);
    }

    private static string Inner(string random, string gapped, ServerCommand command, bool byArgument)
    {
        string announce = $"echo prodops-{gapped} $$ $SHELL;echo prodops-{gapped}>&2;{(command.PosixLocale ? "LC_ALL=C;export LC_ALL;" : "")}";
        if (byArgument) return announce + Run;
        // read takes a byte at a time from a pipe, so what follows stays for the command.
        string read = $"n=$(printf \"\\nx\");n=${{n%x}};c=;while IFS= read -r l&&[ \"$l\" != end-{random} ];do c=\"$c$l$n\";done;";
        return announce + read + (command.Text.Length <= MaximumScriptArgument ? "exec /bin/sh -c \"$c\" sh" : "unset n l;eval \"$c\"");
    }

    private static string Outer(string gapped, bool maySudoAsk)
    {
        // Without a password sudo must not ask (-n). With one it reads the first line of standard input, byte by byte, and only if it has to.
        string asking = maySudoAsk ? $"-S -p password-{gapped}:" : "-n";
        return $"echo outer-{gapped} $$ $SHELL;"
            + "if [ \"$(id -u)\" = 0 ];then exec /bin/sh -c \"$@\";"
            + $"elif command -v sudo >/dev/null 2>&1;then exec sudo {asking} -- /bin/sh -c \"$@\";"
            + "elif command -v doas >/dev/null 2>&1;then exec doas -n -- /bin/sh -c \"$@\";fi;"
            + $"echo missing-{gapped}>&2;exit 127";
    }

    // Only for the texts above, which hold no single quote.
    private static string Quote(string script) => $"'{script}'";
}
