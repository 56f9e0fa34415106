#include "ledger.h"
#include "tape/drive.h"

int rewound;
