using System.Globalization;
using System.Net;
using System.Text;

namespace ProdOps.LoadBalancing.Switching;

/// <summary>What moving an address needs to know of a configuration of keepalived (keepalived.conf(5)), whoever wrote it.</summary>
/// <param name="Instances">Its virtual routers.</param>
/// <param name="Files">The files that change a priority by what they hold.</param>
internal sealed record KeepalivedConfiguration(IReadOnlyList<KeepalivedInstance> Instances, IReadOnlyDictionary<string, KeepalivedFile> Files)
{
    /// <summary>The default priority of a virtual router.</summary>
    private const int DefaultPriority = 100;

    /// <summary>Reads a configuration. What is not known is passed over.</summary>
    public static KeepalivedConfiguration Parse(string text)
    {
        var instances = new List<KeepalivedInstance>();
        var files = new Dictionary<string, KeepalivedFile>(StringComparer.Ordinal);
        foreach (var block in KeepalivedBlock.Read(text))
        {
            if (block is { Name: "vrrp_instance", Arguments: [var name, ..] }) instances.Add(InstanceOf(name, block));
            else if (block is { Name: "vrrp_track_file" or "track_file", Arguments: [var file, ..] } && block.Find("file") is { Arguments: [var path, ..] })
                files[file] = new KeepalivedFile(path, NumberOf(block.Find("weight")) ?? 1);
        }

        return new KeepalivedConfiguration(instances, files);
    }

    /// <summary>The virtual router that has an address; <see langword="null"/> if none has.</summary>
    public KeepalivedInstance? InstanceOf(IPAddress address) => Instances.FirstOrDefault(instance => instance.Addresses.Contains(address));

    /// <summary>The file by which an admin raises the priority of a virtual router; <see langword="null"/> without one.</summary>
    public KeepalivedFile? PreferenceOf(KeepalivedInstance instance)
    {
        foreach (var (name, weight) in instance.Tracked)
            if (Files.TryGetValue(name, out var file) && (weight ?? file.Weight) > 0) return file with { Weight = weight ?? file.Weight };
        return null;
    }

    private static KeepalivedInstance InstanceOf(string name, KeepalivedBlock block)
    {
        var addresses = from list in block.Children
                        where list.Name is "virtual_ipaddress" or "virtual_ipaddress_excluded"
                        from line in list.Children
                        let word = line.Name.Split('/')[0]
                        where IPAddress.TryParse(word, out _)
                        select IPAddress.Parse(word);
        var tracked = from list in block.Children
                      where list.Name == "track_file"
                      from line in list.Children
                      select (line.Name, line.Arguments is ["weight", var text, ..] && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int weight) ? weight : (int?)null);
        return new KeepalivedInstance(name, NumberOf(block.Find("priority")) ?? DefaultPriority, block.Find("nopreempt") is not null, [.. addresses], [.. tracked]);
    }

    private static int? NumberOf(KeepalivedBlock? line) =>
        line is { Arguments: [var text, ..] } && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;
}

/// <summary>A <c>vrrp_instance</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Priority">Its priority, without what is tracked.</param>
/// <param name="NoPreempt">True if it does not take an address from a master of lower priority.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Tracked">The files that it tracks, each with its weight where it has one of its own here.</param>
internal sealed record KeepalivedInstance(string Name, int Priority, bool NoPreempt, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<(string Name, int? Weight)> Tracked);

/// <summary>A file whose number, times a weight, is added to a priority.</summary>
/// <param name="Path">The file.</param>
/// <param name="Weight">The weight.</param>
internal sealed record KeepalivedFile(string Path, int Weight);

/// <summary>A line of the configuration, with the lines in its braces.</summary>
internal sealed record KeepalivedBlock(string Name, IReadOnlyList<string> Arguments, List<KeepalivedBlock> Children)
{
    private const int Deepest = 64;

    /// <summary>The first line of a name in the braces.</summary>
    public KeepalivedBlock? Find(string name) => Children.Find(child => child.Name == name);

    /// <summary>Reads lines: words with white space between, quotes around words, <c>#</c> and <c>!</c> before comments. A brace may stand on its own line, and so may what is in it on one.</summary>
    public static List<KeepalivedBlock> Read(string text)
    {
        var root = new List<KeepalivedBlock>();
        var open = new Stack<List<KeepalivedBlock>>([root]);
        foreach (string line in text.Split('\n'))
        {
            var words = new List<string>();
            foreach (string word in Words(line))
            {
                if (word is not ("{" or "}"))
                {
                    words.Add(word);
                    continue;
                }

                Add(words, open.Peek());
                if (word == "}")
                {
                    if (open.Count > 1) open.Pop();
                }
                else if (open.Peek() is [.., var last] && open.Count < Deepest) open.Push(last.Children);
                else open.Push([]);
            }

            Add(words, open.Peek());
        }

        return root;
    }

    private static void Add(List<string> words, List<KeepalivedBlock> blocks)
    {
        if (words.Count > 0) blocks.Add(new KeepalivedBlock(words[0], [.. words.Skip(1)], []));
        words.Clear();
    }

    private static IEnumerable<string> Words(string line)
    {
        var word = new StringBuilder();
        char quote = '\0';
        bool any = false;
        foreach (char c in line)
        {
            if (quote != '\0')
            {
                if (c == quote) quote = '\0';
                else word.Append(c);
            }
            else if (c is '"' or '\'') (quote, any) = (c, true);
            else if (c is '#' or '!') break;
            else if (c is '{' or '}' || char.IsWhiteSpace(c))
            {
                if (word.Length > 0 || any) yield return word.ToString();
                word.Clear();
                any = false;
                if (c is '{' or '}') yield return c.ToString();
            }
            else word.Append(c);
        }

        if (word.Length > 0 || any) yield return word.ToString();
    }
}
