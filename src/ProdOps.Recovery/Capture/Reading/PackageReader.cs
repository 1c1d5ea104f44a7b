using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>Packages, their sources, and what was done to them by hand.</summary>
internal static class PackageReader
{
    public static void Read(CaptureText text, ItemList items)
    {
        AddSources(text, items);
        if (text.Has("packages")) AddPackages(text, items);
        else items.Gap("packages", "neither dpkg nor rpm was found");
        AddForeign(text, items);
        AddContainers(text, items);
        foreach (string line in text.Lines("alternatives"))
            if (line.Split('\t') is [var name, var target]) items.Add(Alternative, name, Replay, "was chosen by hand", null, ("Target", target));
        foreach (string line in text.Lines("overrides"))
            if (line.Split(' ', 4) is [var owner, var group, var mode, var path]) items.Add(Override, path, Replay, "was set by a package's questions or by hand", null, ("Owner", owner), ("Group", group), ("Mode", mode));
        AddDiversions(text.Lines("diversions"), items);
    }

    private static void AddSources(CaptureText text, ItemList items)
    {
        foreach (var (path, lines) in text.Files("sources"))
        {
            if (lines is null)
            {
                items.Gap(path, "only root may read it");
                continue;
            }

            var entries = lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToList();
            bool signed = entries.Exists(line => line.StartsWith("Signed-By", StringComparison.OrdinalIgnoreCase) && line.EndsWith(':')) || entries.Exists(line => line.Contains("BEGIN PGP", StringComparison.Ordinal));
            string all = string.Join('\n', entries);
            bool pins = path.Contains("/preferences", StringComparison.Ordinal);
            if (entries.Count > 0) items.Add(Repository, path, Replay, pins ? "pins versions" : "where packages come from", null, ("Text", all.Length <= 16384 ? all : all[..16384]), ("Key", signed ? "inline" : null));
        }
    }

    private static void AddPackages(CaptureText text, ItemList items)
    {
        if (!text.Succeeded("packages")) items.Gap("packages", "the list of packages breaks off");
        var automatic = text.Lines("automatic").ToHashSet(StringComparer.Ordinal);
        HashSet<string>? manual = text.Succeeded("manual") ? [.. text.Lines("manual")] : null;
        var origins = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Lines("origins"))
            if (line.Split('\t') is [var name, var origin]) origins.TryAdd(name, origin);
        bool known = text.Succeeded("origins") && origins.Count > 0;
        if (text.Has("automatic") && !known) items.Gap("origins", "apt has no lists of packages here, so that what is in no repository cannot be told; run apt-get update there");
        foreach (string line in text.Lines("packages"))
        {
            if (line.Split('\t') is not [var status, var name, var architecture, var version, var essential, var rest] || status.Length < 2) continue;
            // The second letter is the state (dpkg-query(1)): i installed, c only configuration files are left.
            if (status[1] is 'n' or 'c') continue;
            string full = items.Find(Package, name) is null ? name : $"{name}:{architecture}";
            string? origin = known ? origins.GetValueOrDefault(full) ?? origins.GetValueOrDefault(name) : null;
            bool nowhere = known && string.IsNullOrEmpty(origin);
            bool byHand = manual?.Contains(name) ?? (text.Has("automatic") && !automatic.Contains(name));
            string? state = status[0] == 'h' ? "held" : status[1] != 'i' ? "broken" : null;
            items.Add(Package, full, nowhere ? Unexplained : Rebuild, nowhere ? "is in no repository that this server knows" : "comes from a repository", null,
                ("Version", version), ("Architecture", architecture), ("Origin", origin), ("Selected", byHand ? "manual" : "automatic"), ("Hold", status[0] == 'h' ? "yes" : null), ("State", state == "broken" ? status : null),
                ("Base", essential == "yes" || rest is "required" or "important" ? "yes" : null));
        }
    }

    private static void AddForeign(CaptureText text, ItemList items)
    {
        foreach (string line in text.Lines("snaps").Skip(1))
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var name, var version, _, var channel, ..]) Foreign("snap", name, version, ("Channel", channel));
        foreach (string line in text.Lines("flatpaks"))
            if (line.Split('\t') is [var name, var version, var origin]) Foreign("flatpak", name, version, ("Origin", origin));
        foreach (string line in text.Lines("python"))
            if (Last(line, ".dist-info").Split('-', 2) is [var name, var version]) Foreign("pip", name, version, ("Path", line));
        foreach (string line in text.Lines("node"))
            if (line.Split('\t') is [var path, var version]) Foreign("npm", path[(path.IndexOf("/node_modules/", StringComparison.Ordinal) is >= 0 and var at ? at + 14 : 0)..], version, ("Path", path));
        foreach (string line in text.Lines("gems"))
            if (Last(line, ".gemspec") is var gem && gem.LastIndexOf('-') is > 0 and var dash) Foreign("gem", gem[..dash], gem[(dash + 1)..], ("Path", line));

        void Foreign(string manager, string name, string version, (string, string?) more) =>
            items.Add(ForeignPackage, $"{manager} {name}", Rebuild, $"comes from {manager}", null, ("Manager", manager), ("Package", name), ("Version", version), more);
        static string Last(string path, string suffix) => path[(path.LastIndexOf('/') + 1)..] is var name && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;
    }

    private static void AddContainers(CaptureText text, ItemList items)
    {
        foreach (string engine in (string[])["docker", "podman"])
        {
            if (!text.Has(engine)) continue;
            if (!text.Succeeded(engine)) items.Gap($"containers ({engine})", $"{engine} does not answer");
            foreach (string line in text.Lines(engine))
                if (line.Split('\t') is [var name, var image, var state, var compose])
                    items.Add(Container, name, compose.StartsWith('/') ? Rebuild : Unexplained, compose.StartsWith('/') ? "comes from its compose file" : "was started by hand: how is not known", null,
                        ("Engine", engine), ("Image", image), ("State", state), ("Compose", compose.StartsWith('/') ? compose : null));
        }
    }

    /// <summary>Three lines each: the file, where it went, and the package, or a colon for an admin (dpkg-divert(1)).</summary>
    private static void AddDiversions(List<string> lines, ItemList items)
    {
        for (int i = 0; i + 2 < lines.Count; i += 3)
            if (lines[i + 2] == ":") items.Add(Diversion, lines[i], Replay, "was diverted by hand", null, ("Target", lines[i + 1]));
    }
}
