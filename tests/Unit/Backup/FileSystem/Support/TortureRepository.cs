using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.FileSystem;

/// <summary>The torture tree and restic's trees of it, made once for all tests that look at them.</summary>
public sealed class TortureRepository : IDisposable
{
    private readonly Lazy<Contents> _contents = new(() => new Contents());

    internal string Folder => _contents.Value.Source.Path;

    /// <summary>The folders restic stored, by their path, with the text of their trees: the torture tree's and the way to it.</summary>
    internal IReadOnlyDictionary<string, byte[]> Trees => _contents.Value.Trees;

    public void Dispose()
    {
        if (_contents.IsValueCreated) _contents.Value.Dispose();
    }

    private sealed class Contents : IDisposable
    {
        private readonly ScratchFolder _repository = new();

        public Contents()
        {
            TortureTree.Make(Source.Path);
            var restic = new Restic(_repository.Path);
            restic.Backup(Source.Path);
            Add(restic, restic.RootTree(), "");
        }

        public ScratchFolder Source { get; } = new();

        public SortedDictionary<string, byte[]> Trees { get; } = new(StringComparer.Ordinal);

        public void Dispose()
        {
            Source.Dispose();
            _repository.Dispose();
        }

        private void Add(Restic restic, string id, string path)
        {
            byte[] text = restic.Blob(id);
            Trees.Add(path, text);
            foreach (var node in TreeReader.Parse(text))
            {
                string child = path + "/" + FileNames.Decode(node.Name);
                // The folders of all modes are empty, and every look-up costs a derivation of the key.
                if (node.Subtree is { } subtree && !child.Contains("/modes/", StringComparison.Ordinal)) Add(restic, subtree.ToString(), child);
            }
        }
    }
}

[CollectionDefinition(Name)]
public sealed class TortureCollection : ICollectionFixture<TortureRepository>
{
    public const string Name = "The torture tree";
}
