namespace ProdOps.Backup.Restoring.Target;
internal static class ManagedTargetFolder { public static TargetFolder Open(ReadOnlySpan<byte> path) => throw new NotSupportedException(); }
