using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Store;

/// <summary>The formats there are: the built-in ones and the user's own. Any thread may use it.</summary>
internal interface IFormatCatalog
{
    /// <summary>What they are called.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The format of a name; the plain one if nothing has it, so that what was stored can always be read.</summary>
    LogFormat Find(string name);

    /// <summary>The format of a name that somebody asks for.</summary>
    /// <exception cref="ProdOpsException">Nothing has that name, or it is a filter that cannot be used.</exception>
    LogFormat Get(string name);

    /// <summary>The format that lines are most likely in.</summary>
    /// <param name="lines">The first lines.</param>
    /// <param name="name">The source's or the file's name, for a hint.</param>
    LogFormat Detect(ReadOnlySpan<byte> lines, string name);
}
