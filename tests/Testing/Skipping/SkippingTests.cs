using Xunit.Sdk;

namespace ProdOps.Testing;

/// <summary>A test that needs a Unix and programs.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute(params string[] programs) => Skip = Requirements.Unix ?? Requirements.Missing(programs);
}

/// <summary>A theory that needs a Unix and programs.</summary>
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute(params string[] programs) => Skip = Requirements.Unix ?? Requirements.Missing(programs);

    /// <summary>Whether it takes minutes, and so runs only where everything is asked for.</summary>
    public bool IsLong
    {
        get;
        set
        {
            field = value;
            if (value) Skip ??= Requirements.Full;
        }
    }
}

/// <summary>A test of Linux system calls or programs.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(params string[] programs) => Skip = Requirements.Linux ?? Requirements.Missing(programs);
}

/// <summary>A theory that needs Linux and programs.</summary>
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute(params string[] programs) => Skip = Requirements.Linux ?? Requirements.Missing(programs);
}

/// <summary>A test of what only root may do.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute(params string[] programs) => Skip = Requirements.Root ?? Requirements.Missing(programs);
}

/// <summary>A theory of what only root may do.</summary>
internal sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute(params string[] programs) => Skip = Requirements.Root ?? Requirements.Missing(programs);
}

/// <summary>A test of what root is not refused.</summary>
internal sealed class NotRootFactAttribute : FactAttribute
{
    public NotRootFactAttribute() => Skip = Requirements.Linux ?? (Requirements.IsRoot ? "needs a user other than root" : null);
}

/// <summary>A test that logs in to an sshd of its own on this machine.</summary>
internal sealed class SshdFactAttribute : FactAttribute
{
    internal static readonly string[] Programs = ["sshd", "ssh-keygen", "ssh"];

    public SshdFactAttribute() => Skip = Requirements.Unix ?? Requirements.Missing(Programs);
}

/// <summary>A theory that logs in to an sshd of its own on this machine.</summary>
internal sealed class SshdTheoryAttribute : TheoryAttribute
{
    public SshdTheoryAttribute() => Skip = Requirements.Unix ?? Requirements.Missing(SshdFactAttribute.Programs);
}

/// <summary>A test that needs programs which not every machine has.</summary>
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs) => Skip = Requirements.Missing(programs);
}

/// <summary>A theory's case that needs a program which not every machine has.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ProgramDataAttribute : DataAttribute
{
    private readonly object[] _data;

    public ProgramDataAttribute(string program, params object[] data)
    {
        _data = data;
        Skip = Requirements.Missing(program);
    }

    public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) => [_data];
}
