namespace ProdOps;

/// <summary>How hard a backup compresses what it stores.</summary>
public enum BackupCompression
{
    /// <summary>Fast, with good results.</summary>
    Auto,

    /// <summary>As small as it gets, at several times the cost.</summary>
    Max,

    /// <summary>File content is stored as it is. Folder listings are compressed all the same, since the format wants it.</summary>
    Off,
}
