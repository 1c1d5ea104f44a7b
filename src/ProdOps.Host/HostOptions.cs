namespace ProdOps.Host;

/// <summary>How objects leave the process.</summary>
internal enum OutputFormat
{
    /// <summary>As the module's views show them.</summary>
    Text,

    /// <summary>One JSON document an object, one line each.</summary>
    Json,

    /// <summary>Not at all; errors are still shown.</summary>
    None,
}

/// <summary>What the command line asks for. The switches are pwsh's, by any unambiguous beginning, with one dash or two.</summary>
internal sealed record HostOptions
{
    public const string Usage = """
        prodops: the PowerShell engine with the ProdOps module loaded, for machines without PowerShell.

        usage: prodops [-OutputFormat Text|Json|None] -Command <text> ...
               prodops [-OutputFormat Text|Json|None] -File <script.ps1> [<script arguments> ...]
               prodops [-OutputFormat Text|Json|None] < script.ps1

          -Command <text>   Runs the rest of the line as a script; '-' reads it from standard input.
          -File <script>    Runs a script file; everything after it is the script's own.
          -OutputFormat     Text: the module's views. Json: one line of JSON an object. None: errors only.
          -NonInteractive   Always so: nothing ever waits for an answer.
          -Version          Shows the versions of ProdOps and of the engine.
          -Help             Shows this.

        Exit codes: 0 all went well; 1 an error was written; n after 'exit n'; 64 bad usage; 130 stopped by Ctrl+C.
        Example:    prodops -Command "Get-Backup -Repository /srv/backup"

        """;

    private static readonly string[] Switches = ["Command", "File", "OutputFormat", "NonInteractive", "NoProfile", "NoLogo", "Version", "Help"];

    public string? Command { get; private init; }

    public string? File { get; private init; }

    public IReadOnlyList<string> Arguments { get; private init; } = [];

    public OutputFormat Output { get; private init; }

    public bool ShowVersion { get; private init; }

    public bool ShowHelp { get; private init; }

    /// <summary>Why the line cannot be used, or null.</summary>
    public string? Error { get; private init; }

    /// <summary>True when the script comes from standard input.</summary>
    public bool ReadsInput => File is null && Command is null or "-";

    public static HostOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new HostOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            string? name = argument is "/?" or "-?" or "-h" ? "Help" : argument is "-o" ? "OutputFormat" : Resolve(argument);
            switch (name)
            {
                case "NonInteractive" or "NoProfile" or "NoLogo":
                    break;
                case "Help":
                    return options with { ShowHelp = true };
                case "Version":
                    return options with { ShowVersion = true };
                case "OutputFormat":
                    if (++i == arguments.Count || !Enum.TryParse(arguments[i], ignoreCase: true, out OutputFormat format) || !Enum.IsDefined(format) || char.IsDigit(arguments[i][0]))
                        return options with { Error = "-OutputFormat takes Text, Json or None." };
                    options = options with { Output = format };
                    break;
                case "Command":
                    if (++i == arguments.Count) return options with { Error = "-Command takes a script." };
                    return options with { Command = string.Join(' ', arguments.Skip(i)) };
                case "File":
                    if (++i == arguments.Count) return options with { Error = "-File takes the path of a script." };
                    return options with { File = arguments[i], Arguments = [.. arguments.Skip(i + 1)] };
                default:
                    if (argument.StartsWith('-')) return options with { Error = $"'{argument}' is not a switch of prodops." };
                    return options with { File = argument, Arguments = [.. arguments.Skip(i + 1)] };
            }
        }

        return options;
    }

    private static string? Resolve(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-') return null;
        string wish = argument.TrimStart('-');
        if (wish.Length == 0) return null;
        var fitting = Switches.Where(name => name.StartsWith(wish, StringComparison.OrdinalIgnoreCase)).ToArray();
        return fitting.Length == 1 ? fitting[0] : null;
    }
}
