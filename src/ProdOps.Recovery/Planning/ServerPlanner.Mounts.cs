using System.Text.RegularExpressions;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.Commands;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <content>File systems of /etc/fstab beside that of the system: what is put into their folders must lie on them.</content>
internal sealed partial class ServerPlanner
{
    private IEnumerable<ServerConfigurationItem> Mounts => Of(Mount).Where(item => item.Class == Replay);

    /// <summary>What must be free on the file system of the system: not what lies on others.</summary>
    private long? FreeSpace()
    {
        string[] folders = [.. Mounts.Select(item => Unescape(item.Name).TrimEnd('/') + "/")];
        long bytes = capture.Coverage.Bytes - capture.Items.Where(item => item.Kind is Data or ServerConfigurationKind.File && folders.Any(folder => (item.Name + "/").StartsWith(folder, StringComparison.Ordinal))).Sum(item => item.Size ?? 0);
        return bytes > 0 ? bytes : null;
    }

    private void AddMounts()
    {
        // The outer ones first: /srv before /srv/data. A drill's spare host has no such disks, and must not write to the shares that are in use: it keeps all on its own.
        foreach (var item in Mounts.OrderBy(item => item.Name.Count(c => c == '/')).ThenBy(item => item.Name, StringComparer.Ordinal))
        {
            string folder = Unescape(item.Name);
            string[] fields = [item.Property("Source") ?? "", item.Name, item.Property("Type") ?? "", item.Property("Options") ?? "", "0", item.Property("Pass") is { } pass && pass.All(char.IsAsciiDigit) ? pass : "0"];
            if (!PlanText.IsPath(folder) || !fields.All(IsField))
            {
                _unexplained.Add(Line(item, "its line of /etc/fstab cannot be written down"));
                continue;
            }

            string path = ShellQuote.Word(folder), isThere = MountPoints.IsThere(folder), step = $"mount {Label(folder.Trim('/'))}";
            // Mounted by hand at times only: its line is enough.
            bool isIdle = fields[3].Split(',').Contains("noauto");
            bool isSecret = fields[3].Contains("***", StringComparison.Ordinal), isBind = fields[3].Split(',').Contains("bind"), isShare = fields[2] is "nfs" or "nfs4";
            string made = isBind && Unescape(fields[0]) is var source && PlanText.IsPath(source) ? $"{path} {ShellQuote.Word(source)}" : path;
            string commands = $"mkdir -p -- {made}\nawk -v d={ShellQuote.Word(item.Name.Replace("\\", "\\\\", StringComparison.Ordinal))} '$1 !~ /^#/ && $2 == d {{ found = 1 }} END {{ exit !found }}' /etc/fstab || printf '%s\\n' {ShellQuote.Word(string.Join(' ', fields))} >>/etc/fstab"
                + (isIdle ? "" : $"\n{isThere} || mount -- {path}");
            HealthCheckDefinition[] verify = isIdle ? [] : [new() { Name = "", Kind = HealthCheckKind.Script, Target = isThere }];
            if (!isSecret && (isIdle || isBind || isShare || fields[2] == "tmpfs"))
                Add(new RecoveryStep { Name = step, Kind = RecoveryStepKind.Command, Purpose = $"What lies in {folder} lies on a file system of its own.", Text = commands, Unless = isIdle ? null : isThere, Verify = verify, Drill = isShare ? RecoveryDrillMode.Skip : default, Idempotent = true, Attempts = 3, RetryDelay = TimeSpan.FromSeconds(5) });
            else
                Add(new RecoveryStep
                {
                    Name = step, Kind = RecoveryStepKind.Manual, Purpose = $"What lies in {folder} lies on a file system of its own, and its disk is none that a plan can make.", Verify = verify, Drill = RecoveryDrillMode.Skip,
                    Text = $"{(isSecret ? "Write what stands as *** from where the secret is kept. " : "")}Attach a disk with a file system of the type {fields[2]} in place of {fields[0]} (lsblk -f shows what is there; a blank one gets it by mkfs), write its own name into the line where it is another, then on the server:\n"
                        + string.Join('\n', commands.Split('\n').Select(line => "    " + line)),
                });
        }
    }

    /// <summary>One field of a line of fstab(5), which has no blank.</summary>
    private static bool IsField(string text) => text.Length > 0 && !text.StartsWith('#') && text.All(c => !char.IsControl(c) && !char.IsWhiteSpace(c) && c != '\ufffd');

    /// <summary>Blanks and backslashes in a field of fstab(5) are written as octal numbers.</summary>
    private static string Unescape(string field) => Octal().Replace(field, static match => match.Value switch { @"\040" => " ", @"\011" => "\t", _ => @"\" });

    [GeneratedRegex(@"\\(040|011|134)")]
    private static partial Regex Octal();
}
