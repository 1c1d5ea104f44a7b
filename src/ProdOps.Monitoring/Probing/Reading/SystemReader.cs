using System.Globalization;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Reads what the system is, whether it wants a restart, and which updates wait.</summary>
internal static class SystemReader
{
    public static SystemReport System(Sections sections)
    {
        var release = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("os"))
        {
            int equals = line.IndexOf('=');
            if (equals is > 0 and < 32 && line.Length < 512 && Sections.Name(Unquoted(line[(equals + 1)..])) is { } value) release.TryAdd(line[..equals].ToString(), value);
        }

        string? kernel = Sections.Name(sections.FirstLine("release")), newest = Newest(sections, kernel);
        bool asked = sections.FirstLine("reboot") is "required";
        return new SystemReport
        {
            Id = release.GetValueOrDefault("ID"),
            Version = release.GetValueOrDefault("VERSION_ID"),
            Name = release.GetValueOrDefault("PRETTY_NAME"),
            SupportEnd = DateOnly.TryParseExact(release.GetValueOrDefault("SUPPORT_END"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var end) ? end : null,
            Kernel = kernel,
            NewestKernel = newest,
            RebootRequired = asked ? true : newest is null ? null : newest != kernel,
            RebootPackages = asked ? [.. Names(sections, "reboot").Skip(1)] : [],
            // It ends with 1 for "none".
            Virtualization = sections.FirstLine("virtualization") is { Length: > 0 and < 40 } machine ? Sections.Name(machine) : null,
            Container = sections.FirstLine("container") is { Length: > 0 and < 40 } container ? Sections.Name(container) : null,
        };
    }

    public static UpdateReport? Updates(Sections sections)
    {
        DateTimeOffset? fetched = Fields.Number(sections.FirstLine("lists")) is { } seconds and > 0 and < 200_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;
        if (sections.Has("apt")) return Apt(sections) is { } apt ? apt with { Fetched = fetched } : null;
        return sections.Succeeded("dnf") ? Dnf(sections) : null;
    }

    /// <summary>
    /// <c>Inst libssl3 [3.0.11-1] (3.0.13-1 Debian-Security:12/stable-security [amd64])</c>, and the sum at the end, without which apt-get
    /// has not got that far. A package that is in both pockets counts as security.
    /// </summary>
    private static UpdateReport? Apt(Sections sections)
    {
        int? pending = null;
        int upgrades = 0;
        var security = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("apt"))
        {
            var fields = new Fields(line);
            var first = fields.Next();
            if (first is not "Inst")
            {
                if (Fields.Number(first) is { } sum and <= int.MaxValue && fields.Next() is "upgraded,") pending = (int)sum;
                continue;
            }

            var package = fields.Next();
            // Without the version that is installed it is a new package that an update needs.
            if (fields.Rest.Length == 0 || fields.Rest[0] != '[') continue;
            upgrades++;
            int parenthesis = fields.Rest.IndexOf('(');
            if (parenthesis >= 0 && fields.Rest[parenthesis..].Contains("security", StringComparison.OrdinalIgnoreCase) && security.Count < Sections.MaximumCount && Sections.Name(package) is { } name) security.Add(name);
        }

        return pending is null || upgrades < pending ? null : new UpdateReport { Pending = pending, Security = security.Count, SecurityPackages = [.. security] };
    }

    /// <summary>dnf 4: <c>RHSA-2024:0001 Important/Sec. bash-5.1-2.x86_64</c>; dnf 5 has a heading, and the kind in a column of its own. A package that several advisories are about is one.</summary>
    private static UpdateReport? Dnf(Sections sections)
    {
        var packages = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("dnf"))
        {
            var fields = new Fields(line);
            if (fields.Next() is "Name" or "Last") continue;
            var kind = fields.Next();
            if (kind is "security") fields.Next();
            else if (!kind.EndsWith("/Sec.", StringComparison.Ordinal)) return null;
            if (packages.Count < Sections.MaximumCount && Sections.Name(PackageOf(fields.Next())) is { } name) packages.Add(name);
        }

        return new UpdateReport { Security = packages.Count, SecurityPackages = [.. packages] };
    }

    /// <summary><c>grub2-common-1:2.06-114.el9_7.noarch</c>: there are no dashes in a version, nor in a release.</summary>
    private static ReadOnlySpan<char> PackageOf(ReadOnlySpan<char> full)
    {
        int release = full.LastIndexOf('-'), version = release > 0 ? full[..release].LastIndexOf('-') : -1;
        return version > 0 ? full[..version] : full;
    }

    /// <summary>Only where the running kernel is one of those installed can it be told whether a newer one waits.</summary>
    private static string? Newest(Sections sections, string? kernel)
    {
        if (kernel is null) return null;
        string newest = kernel;
        bool known = false;
        foreach (string installed in Names(sections, "installed"))
        {
            known |= installed == kernel;
            if (char.IsAsciiDigit(installed[0]) && !installed.Contains("rescue", StringComparison.Ordinal) && VersionOrder.Compare(installed, newest) > 0) newest = installed;
        }

        return known ? newest : null;
    }

    private static List<string> Names(Sections sections, string section)
    {
        var names = new List<string>();
        foreach (var line in sections.LinesOf(section))
            if (names.Count < Sections.MaximumCount && line.Length < 256 && Sections.Name(line.Trim()) is { } name) names.Add(name);
        return names;
    }

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> value) =>
        value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
